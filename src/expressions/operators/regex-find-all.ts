import { FoundPlaces } from '../regex-found.ts';
import { regexOperator } from '../regex-search.ts';
import { arrayValue } from '../value.ts';

/** `$regexFindAll`: every place where the expression is found. */
export const regexFindAll = regexOperator('$regexFindAll', ({ input, regex }) => {
  if (input === undefined || regex === undefined) return arrayValue([]);
  const places = new FoundPlaces(regex);
  const all = regex.findAll(input, '$regexFindAll');
  // Nothing is looked for behind the last character.
  const found = all.filter(({ index }) => index < input.length || input === '');
  return arrayValue(found.map((one) => places.next(one)));
});
