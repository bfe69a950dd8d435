/**
 * What sockets alone can do: answers every message at once with the same bytes, the reply that is in a
 * file. A process of its own: tsx echo-server.ts FILE; prints its port.
 */
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { MessageReader } from '../../wire/index.ts';

const reply = readFileSync(process.argv[2] as string);

const server = createServer({ noDelay: true }, (socket) => {
  const reader = new MessageReader();
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    reader.push(chunk);
    while (reader.next() !== undefined) socket.write(reply);
  });
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
