export { OptionError } from './option-values.ts';
export { helpText, parseCommandLine, type ServerOptions } from './options.ts';
