/** Bundled in place of `@inquirer/prompts`: of inquirer's ten prompts we show one, and loading the others takes longer than showing it. */
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
