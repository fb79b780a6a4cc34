/**
 * Lets a test drive the example client: takes one command a line on standard input, as JSON, and
 * answers each with a line {"result": ...}. What happens meanwhile comes as {"event": ...} lines.
 */
import { createInterface } from 'node:readline';
import { Wingman } from './wingman.mjs';

const client = new Wingman(process.argv[2]);
const say = (line) => console.log(JSON.stringify(line));

client.on('connected', () => say({ event: 'connected' }));
client.on('problem', (error) => say({ event: 'problem', message: error.message }));
for (const direction of ['sent', 'received']) {
  client.on(direction, ({ type, mapName, payload }) =>
    say({ event: direction, type, map: mapName ?? payload?.mapName }),
  );
}

const commands = {
  synced: () => client.synced(),
  set: ({ map, key, value }) => client.map(map).set(key, value),
  remove: ({ map, key }) => client.map(map).remove(key),
  get: ({ map, key }) => client.map(map).get(key),
  root: ({ map }) => client.map(map).trie.hash(),
  watch: ({ map }) => {
    client.map(map).onChange((key, value) => say({ event: 'change', map, key, value }));
  },
  query: ({ map, query }) => {
    client.query(map, query, (change, key) => say({ event: 'row', map, change, key }));
  },
  publish: ({ topic, data }) => client.publish(topic, data),
  subscribe: ({ topic }) => {
    client.subscribe(topic, (data) => say({ event: 'message', topic, data }));
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  say({ result: await commands[command.do](command) });
}
client.close();
