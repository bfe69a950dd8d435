/** Sockets, and what stands between them and the commands. */
export { CommandServer, type CommandServerOptions } from './command-server.ts';
