/** Bundled in place of `@inquirer/prompts`: we show one prompt of inquirer's ten, and loading the others takes time. */
export { default as select, Separator } from '@inquirer/select';

const none = undefined;

export {
  none as checkbox,
  none as confirm,
  none as editor,
  none as expand,
  none as input,
  none as number,
  none as password,
  none as rawlist,
  none as search,
};
