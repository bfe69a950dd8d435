/** The scripting room: JavaScript of clients, in a sandbox. */
export { ScriptEngine, type ScriptLimits } from './script-engine.ts';
export { ScriptRealm } from './script-realm.ts';
