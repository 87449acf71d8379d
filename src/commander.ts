/** In a bundle of its own: the commands are bundled apart from the program, and both must mean the same classes. */
export { Argument, Command, CommanderError, InvalidArgumentError } from 'commander';
