/**
 * A small client for Wingman: offline-first maps, live queries and topics over one WebSocket.
 *
 *     const client = new Wingman('ws://127.0.0.1:8080/ws');
 *     const users = client.map('users');
 *     users.set('alice', { age: 30 });   // at once here, on the server as soon as it is reachable
 *     await client.synced();             // now it is stored there
 *
 * What is written while the server is away is kept in memory and sent when it is back.
 */
import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { Packr } from 'msgpackr';
import WebSocket from 'ws';

const PING_EVERY_MS = 5_000;
const SILENCE_LIMIT_MS = 15_000;
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 10_000;
const RETRY_REFUSED_MS = 1_000;
const MAX_OPS_PER_BATCH = 1_000;
/** Half of what the server reads as one message. */
const MAX_BATCH_BYTES = 1024 * 1024;

const messagePack = new Packr({ useRecords: false, int64AsType: 'number' });

/** 32-bit FNV-1a over UTF-16 code units. */
export function hashString(text) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** The finalizer of MurmurHash3. It maps 0 to 0, so an absent child adds nothing to its parent. */
function mix(hash) {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Negative when `a` is earlier than `b`. Node ids compare by code unit, as on the server. */
export function compareTimestamps(a, b) {
  const byTime = a.millis - b.millis || a.counter - b.counter;
  return byTime || (a.nodeId < b.nodeId ? -1 : Number(a.nodeId > b.nodeId));
}

/** Gives out timestamps that never go back and are later than every timestamp it has seen. */
export class HybridLogicalClock {
  #millis = 0;
  #counter = 0;

  constructor(nodeId, wallClock = Date.now) {
    this.nodeId = nodeId;
    this.wallClock = wallClock;
  }

  now() {
    const wall = this.wallClock();
    this.#counter = wall > this.#millis ? 0 : this.#counter + 1;
    this.#millis = Math.max(wall, this.#millis);
    return { millis: this.#millis, counter: this.#counter, nodeId: this.nodeId };
  }

  update({ millis, counter }) {
    if (millis > this.#millis || (millis === this.#millis && counter > this.#counter)) {
      this.#millis = millis;
      this.#counter = counter;
    }
  }
}

/**
 * Sums by which client and server find the records in which they differ: a 16-way trie of three
 * levels, a key's path being the first three hexadecimal digits of its hash.
 */
export class MerkleTrie {
  static DEPTH = 3;
  #leaves = new Uint32Array(16 ** MerkleTrie.DEPTH);

  /** The record of `key` now has the timestamp `after`; `before` is undefined for a new key. */
  replace(key, before, after) {
    const leaf = hashString(key) >>> 20;
    const gone = before ? MerkleTrie.#item(key, before) : 0;
    this.#leaves[leaf] += MerkleTrie.#item(key, after) - gone;
  }

  static #item(key, { millis, counter, nodeId }) {
    return mix(hashString(`${key}:${millis}:${counter}:${nodeId}`));
  }

  /** Hash of the node at a path of 0 to 3 hexadecimal digits; 0 when there is nothing under it. */
  hash(path = '') {
    if (path.length === MerkleTrie.DEPTH) {
      return this.#leaves[parseInt(path, 16)];
    }
    let sum = 0;
    for (const digit of '0123456789abcdef') {
      sum += mix(this.hash(path + digit));
    }
    return sum >>> 0;
  }
}

/** A map of which every client holds a copy; of two writes to a key the later one wins. */
export class LwwMap {
  #client;
  #records = new Map();
  #listeners = new Set();
  trie = new MerkleTrie();

  constructor(name, client) {
    this.name = name;
    this.#client = client;
  }

  /** The value, or undefined. */
  get(key) {
    const record = this.#records.get(key);
    return record && isVisible(record) ? record.value : undefined;
  }

  /** All [key, value] pairs, sorted by key. */
  entries() {
    return [...this.#records]
      .filter(([, record]) => isVisible(record))
      .map(([key, record]) => [key, record.value])
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** With `ttlMs` the entry vanishes after that time, everywhere. */
  set(key, value, { ttlMs } = {}) {
    if (value === undefined || value === null) {
      throw new TypeError('a value cannot be null: use remove(key)');
    }
    this.#write('PUT', key, ttlMs ? { value, ttlMs } : { value });
  }

  remove(key) {
    this.#write('REMOVE', key, { value: null });
  }

  #write(opType, key, content) {
    const record = { ...content, timestamp: this.#client.clock.now() };
    this.#client.push({ mapName: this.name, key, opType, record });
    this.merge(key, record);
  }

  /** Takes over the record if it is later than what is here; what was removed stays as a marker. */
  merge(key, record) {
    const present = this.#records.get(key);
    if (present && compareTimestamps(record.timestamp, present.timestamp) <= 0) {
      return;
    }
    this.#records.set(key, record);
    this.trie.replace(key, present?.timestamp, record.timestamp);
    this.#listeners.forEach((listener) => listener(key, this.get(key)));
  }

  /** Calls `listener(key, value)` on every change, own ones too; a removed value is undefined. */
  onChange(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function isVisible({ value, timestamp, ttlMs }) {
  return value !== null && !(ttlMs > 0 && timestamp.millis + ttlMs < Date.now());
}

/**
 * One connection and everything that goes over it, reconnecting until `close()`.
 *
 * Events: `connected`, `disconnected` (reason), `problem` (Error: the server refused something),
 * `refused` (Error: it will not let us in; there are no more attempts), and `sent` and `received`
 * with every message.
 */
export class Wingman extends EventEmitter {
  #url;
  #token;
  #socket = null;
  #admitted = false;
  #closed = false;
  #attempts = 0;
  #timer = null;
  #heartbeat = null;
  #lastHeard = 0;

  #maps = new Map();
  /** Requests of the comparison under way, by map: it is over when none is left. */
  #comparing = new Map();
  #queries = new Map();
  #topics = new Map();

  #lastId = 0;
  /** Operations and their sizes by number, kept until the server has acknowledged them. */
  #pending = new Map();
  #lastSentId = 0;
  #unpublished = [];
  #unansweredPings = 0;
  #waiting = [];

  constructor(url, { token, nodeId = randomBytes(8).toString('hex') } = {}) {
    super();
    this.#url = url;
    this.#token = token;
    this.clock = new HybridLogicalClock(nodeId);
    this.#connect();
  }

  /** Opens a map, which then follows what others do to it. */
  map(name) {
    if (!this.#maps.has(name)) {
      this.#maps.set(name, new LwwMap(name, this));
      this.#compare(name);
    }
    return this.#maps.get(name);
  }

  /**
   * Follows the rows of a map that match `{ where, predicate, sort, limit }`. Calls
   * `listener(change, key, value)` with change ENTER, UPDATE or LEAVE; with RESULT, and all rows as
   * [key, value] pairs in the place of a key, for the first answer and after a reconnect.
   */
  query(mapName, query, listener) {
    const queryId = randomBytes(8).toString('hex');
    const subscription = { queryId, mapName, query };
    this.#queries.set(queryId, { subscription, listener, answered: false });
    this.#send({ type: 'QUERY_SUB', payload: subscription });
    return () => {
      this.#queries.delete(queryId);
      this.#send({ type: 'QUERY_UNSUB', payload: { queryId } });
    };
  }

  /** Calls `listener(data, message)` for everything that others publish. */
  subscribe(topic, listener) {
    this.#topics.set(topic, listener);
    this.#send({ type: 'TOPIC_SUB', payload: { topic } });
    return () => {
      this.#topics.delete(topic);
      this.#send({ type: 'TOPIC_UNSUB', payload: { topic } });
    };
  }

  publish(topic, data) {
    const message = { type: 'TOPIC_PUB', payload: { topic, data } };
    if (!this.#send(message)) {
      this.#unpublished.push(message);
    }
  }

  /**
   * Resolves once the server has stored everything written here, our maps equal its own, and
   * queries are answered. Rejects when the server will not let us in, or after `close()`.
   */
  synced() {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#ping();
    });
  }

  close() {
    this.#end(new Error('the client is closed'));
  }

  #end(reason) {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#waiting.splice(0).forEach(({ reject }) => reject(reason));
  }

  // Connection

  #connect() {
    const socket = new WebSocket(this.#url);
    let reason = 'the connection was closed';
    this.#socket = socket;
    socket.on('open', () => this.#greet());
    socket.on('message', (frame) => this.#receive(messagePack.unpack(frame)));
    socket.on('error', (error) => (reason = error.message || error.code));
    socket.on('close', (code, text) =>
      this.#disconnected(text.length > 0 ? `${text} (${code})` : reason),
    );
  }

  #greet() {
    this.#lastHeard = Date.now();
    this.#heartbeat = setInterval(() => this.#beat(), PING_EVERY_MS);
    this.#write(this.#token ? { type: 'AUTH', token: this.#token } : { type: 'DEVICE_HELLO' });
  }

  #beat() {
    if (Date.now() - this.#lastHeard > SILENCE_LIMIT_MS) {
      this.#socket.terminate();
    } else {
      this.#ping();
    }
  }

  #disconnected(reason) {
    clearInterval(this.#heartbeat);
    this.#admitted = false;
    if (!this.#closed) {
      this.emit('disconnected', reason);
      const backoff = Math.min(FIRST_BACKOFF_MS * 2 ** this.#attempts++, MAX_BACKOFF_MS);
      this.#timer = setTimeout(() => this.#connect(), backoff * (0.5 + Math.random()));
    }
  }

  /** Tells the server all it must know of us; it takes messages in their order. */
  #admit() {
    this.#admitted = true;
    this.#unansweredPings = 0;
    this.#lastSentId = 0;
    this.emit('connected');
    this.#flush();
    this.#unpublished.splice(0).forEach((message) => this.#send(message));
    this.#queries.forEach((query) => {
      query.answered = false;
      this.#send({ type: 'QUERY_SUB', payload: query.subscription });
    });
    this.#topics.forEach((_, topic) => this.#send({ type: 'TOPIC_SUB', payload: { topic } }));
    this.#maps.forEach((_, name) => this.#compare(name));
    this.#ping();
  }

  /** Says whether it went out: before the server has let us in, nothing does. */
  #send(message) {
    return this.#admitted && this.#write(message);
  }

  #write(message) {
    if (this.#socket.readyState !== WebSocket.OPEN) {
      return false;
    }
    this.emit('sent', message);
    this.#socket.send(messagePack.pack(message));
    return true;
  }

  #ping() {
    if (this.#send({ type: 'PING', timestamp: Date.now() })) {
      this.#unansweredPings++;
    }
  }

  #receive(message) {
    this.#lastHeard = Date.now();
    this.emit('received', message);
    const { payload } = message;
    switch (message.type) {
      case 'AUTH_ACK':
      case 'DEVICE_ACK':
        return this.#admit();
      case 'AUTH_REQUIRED':
        return this.#token || this.#refused('the server asks for a token');
      case 'AUTH_FAIL':
        return this.#refused(`the server does not accept the token: ${message.error}`);
      case 'PONG':
        this.#unansweredPings--;
        this.#attempts = 0; // it has also taken what was sent before the PING
        break;
      case 'ERROR':
        this.#failed(payload);
        break;
      case 'OP_ACK':
        this.#acknowledged(payload);
        break;
      case 'SERVER_EVENT':
        this.#merge(payload.mapName, [payload]);
        break;
      case 'SYNC_RESP_ROOT':
      case 'SYNC_RESP_BUCKETS':
      case 'SYNC_RESP_LEAF':
        this.#compared(message.type, payload);
        break;
      case 'QUERY_RESP':
        this.#answered(payload);
        break;
      case 'QUERY_UPDATE':
        this.#rowChanged(payload);
        break;
      case 'TOPIC_MESSAGE':
        this.#topics.get(payload.topic)?.(payload.data, payload);
        break;
    }
    this.#settle();
  }

  #refused(why) {
    const reason = new Error(why);
    this.#end(reason);
    this.emit('refused', reason);
  }

  #settle() {
    const idle = this.#admitted && this.#unansweredPings === 0 && this.#pending.size === 0;
    const answered = [...this.#queries.values()].every((query) => query.answered);
    if (idle && answered && this.#comparing.size === 0) {
      this.#waiting.splice(0).forEach(({ resolve }) => resolve());
    }
  }

  // Writing

  /** Takes an operation of one of our maps; it is sent again until it is acknowledged. */
  push(fields) {
    const op = { id: String(this.#lastId + 1), ...fields };
    const bytes = messagePack.pack(op).length;
    if (bytes > MAX_BATCH_BYTES) {
      throw new RangeError(`${op.mapName}/${op.key} has ${bytes} bytes; the most is ${MAX_BATCH_BYTES}`);
    }
    this.#pending.set(++this.#lastId, { op, bytes });
    queueMicrotask(() => this.#flush());
  }

  #flush() {
    let ops = [];
    let room = MAX_BATCH_BYTES;
    for (const [id, { op, bytes }] of this.#pending) {
      if (id <= this.#lastSentId) {
        continue;
      }
      if (ops.length === MAX_OPS_PER_BATCH || bytes > room) {
        this.#sendBatch(ops);
        ops = [];
        room = MAX_BATCH_BYTES;
      }
      ops.push(op);
      room -= bytes;
    }
    this.#sendBatch(ops);
  }

  #sendBatch(ops) {
    if (ops.length > 0 && this.#send({ type: 'OP_BATCH', payload: { ops } })) {
      this.#lastSentId = Number(ops.at(-1).id);
    }
  }

  /** An acknowledgement counts for every operation up to the one it names. */
  #acknowledged({ lastId, results = [] }) {
    for (const { opId, success, error } of results) {
      const refused = this.#pending.get(Number(opId));
      if (refused && !success) {
        const { mapName, key } = refused.op;
        this.emit('problem', new Error(`${mapName}/${key} was refused: ${error}`));
      }
    }
    for (const id of this.#pending.keys()) {
      if (id <= Number(lastId)) {
        this.#pending.delete(id);
      }
    }
  }

  /** Whatever failed, operations that are still pending are sent once more, a little later. */
  #failed({ code, message }) {
    this.emit('problem', new Error(`${message} (${code})`));
    setTimeout(() => {
      this.#lastSentId = 0;
      this.#flush();
    }, RETRY_REFUSED_MS).unref();
  }

  // Catching up: root, then the buckets that differ, then their leaves

  #compare(mapName) {
    this.#comparing.set(mapName, 1);
    this.#send({ type: 'SYNC_INIT', mapName, lastSyncTimestamp: 0 });
  }

  #compared(type, { mapName, path, rootHash, buckets, records, more, timestamp }) {
    const { trie } = this.#maps.get(mapName);
    if (type === 'SYNC_RESP_ROOT') {
      this.clock.update(timestamp);
      if (rootHash !== trie.hash()) {
        this.#requestBucket(mapName, '');
      }
    } else if (type === 'SYNC_RESP_BUCKETS') {
      for (const [digit, hash] of Object.entries(buckets)) {
        if (hash !== trie.hash(path + digit)) {
          this.#requestBucket(mapName, path + digit);
        }
      }
    } else {
      this.#merge(mapName, records);
      if (more) {
        return; // the rest of the leaf comes in a message of its own
      }
    }
    const left = this.#comparing.get(mapName) - 1;
    if (left === 0) {
      this.#comparing.delete(mapName);
    } else {
      this.#comparing.set(mapName, left);
    }
  }

  #requestBucket(mapName, path) {
    this.#comparing.set(mapName, this.#comparing.get(mapName) + 1);
    this.#send({ type: 'MERKLE_REQ_BUCKET', payload: { mapName, path } });
  }

  #merge(mapName, records) {
    const map = this.#maps.get(mapName);
    for (const { key, record } of records) {
      this.clock.update(record.timestamp);
      map?.merge(key, record);
    }
  }

  #answered({ queryId, results, error }) {
    const query = this.#queries.get(queryId);
    if (!query) {
      return;
    }
    query.answered = true;
    if (error) {
      this.emit('problem', new Error(`the query was refused: ${error}`));
    }
    query.listener('RESULT', results.map(({ key, value }) => [key, value]));
  }

  #rowChanged({ queryId, changeType, key, value }) {
    this.#queries.get(queryId)?.listener(changeType, key, value ?? undefined);
  }
}
