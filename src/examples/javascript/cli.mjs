#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { Wingman } from './wingman.mjs';

const USAGE = `usage: node cli.mjs <command> [options]

  set MAP KEY JSON        write an entry; it is stored when the command ends
  get MAP [KEY]           print one entry, or all
  remove MAP KEY          remove an entry
  watch MAP               print all entries, then every change, until Ctrl-C
  query MAP [JSON]        follow the entries whose fields equal those of the JSON object
  publish TOPIC JSON      send a message to everyone who listens
  listen TOPIC            print messages, until Ctrl-C

  --url URL               of the server (ws://127.0.0.1:8080/ws)
  --token TOKEN           a JWT, where the server asks for one
  --ttl MS                set: the entry vanishes after so many milliseconds
  --sort FIELD[:desc]     query: the order that --limit counts in
  --limit N               query: no more than the first N
  --trace                 show every message on the wire (on standard error)
`;

const COMMANDS = { set, get, remove, watch, query, publish, listen };
const FOLLOWING = [watch, query, listen];

const { values: options, positionals } = commandLine();
if (options.help) {
  console.log(USAGE.trimEnd());
  process.exit();
}
const [name, ...args] = positionals;
if (!Object.hasOwn(COMMANDS, name ?? '')) {
  fail(name ? `there is no command "${name}"\n\n${USAGE}` : USAGE);
}
const command = COMMANDS[name];
const client = open();
try {
  await command(...args);
  if (!FOLLOWING.includes(command)) {
    client.close();
  }
} catch (error) {
  fail(error.message);
}

async function set(map = missing('MAP'), key = missing('KEY'), text = missing('JSON')) {
  const value = json(text);
  const ttlMs = options.ttl && wholeNumber('--ttl');
  client.map(map).set(key, value, { ttlMs });
  await client.synced();
  console.log(`stored  ${map}/${key}  ${JSON.stringify(value)}`);
}

async function get(map = missing('MAP'), key) {
  const opened = client.map(map);
  await client.synced();
  if (key === undefined) {
    print(opened.entries());
  } else if (opened.get(key) === undefined) {
    fail(`${map} has no "${key}"`);
  } else {
    console.log(JSON.stringify(opened.get(key)));
  }
}

async function remove(map = missing('MAP'), key = missing('KEY')) {
  client.map(map).remove(key);
  await client.synced();
  console.log(`removed ${map}/${key}`);
}

async function watch(map = missing('MAP')) {
  const opened = client.map(map);
  await client.synced();
  print(opened.entries());
  opened.onChange((key, value) => printChange(value === undefined ? 'removed' : 'set', key, value));
}

async function query(map = missing('MAP'), where = '{}') {
  const asked = { where: json(where) };
  if (options.sort) {
    const [field, direction = 'asc'] = options.sort.split(':');
    asked.sort = [{ field, direction }];
  }
  if (options.limit) {
    asked.limit = wholeNumber('--limit');
  }
  client.query(map, asked, (change, key, value) => {
    if (change === 'RESULT') {
      print(key);
    } else {
      printChange(change.toLowerCase(), key, value);
    }
  });
}

async function publish(topic = missing('TOPIC'), text = missing('JSON')) {
  const data = json(text);
  client.publish(topic, data);
  await client.synced();
  console.log(`sent to ${topic}`);
}

async function listen(topic = missing('TOPIC')) {
  client.subscribe(topic, (data) => console.log(JSON.stringify(data)));
  await client.synced();
  console.error(`listening to ${topic}`);
}

function open() {
  const url = webSocketUrl(options.url);
  const opened = new Wingman(url, { token: options.token });
  let wasConnected = false;
  opened.on('connected', () => {
    if (wasConnected) {
      console.error('connected again');
    }
    wasConnected = true;
  });
  opened.on('disconnected', (reason) => {
    if (!wasConnected) {
      fail(`cannot reach ${url}: ${reason}`);
    }
    console.error(`disconnected: ${reason}; trying again`);
  });
  opened.on('refused', (error) => fail(error.message));
  opened.on('problem', (error) => fail(error.message));
  if (options.trace) {
    opened.on('sent', (message) => console.error(`--> ${JSON.stringify(message)}`));
    opened.on('received', (message) => console.error(`<-- ${JSON.stringify(message)}`));
  }
  return opened;
}

function print(entries) {
  const width = Math.max(0, ...entries.map(([key]) => key.length));
  entries.forEach(([key, value]) => printChange('', key.padEnd(width), value));
  if (entries.length === 0) {
    console.log('        (no entries)');
  }
}

function printChange(what, key, value) {
  console.log(`${what.padEnd(7)} ${key}  ${JSON.stringify(value) ?? ''}`.trimEnd());
}

function commandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        url: { type: 'string', default: 'ws://127.0.0.1:8080/ws' },
        token: { type: 'string' },
        ttl: { type: 'string' },
        sort: { type: 'string' },
        limit: { type: 'string' },
        trace: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    return fail(`${error.message}\n\n${USAGE}`);
  }
}

function webSocketUrl(text) {
  if (!/^wss?:\/\/./.test(text) || !URL.canParse(text)) {
    fail(`--url is a WebSocket address like ws://127.0.0.1:8080/ws, not "${text}"`);
  }
  return text;
}

function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return fail(`not JSON: ${text}\n(a text needs its own quotes, like '"hello"')`);
  }
}

function wholeNumber(option) {
  const text = options[option.slice(2)];
  if (!/^[1-9]\d*$/.test(text)) {
    fail(`${option} is a whole number above 0, not "${text}"`);
  }
  return Number(text);
}

function missing(what) {
  return fail(`${name} needs ${what}\n\n${USAGE}`);
}

function fail(message) {
  console.error(message.trimEnd());
  process.exit(1);
}
