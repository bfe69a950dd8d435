import { FoundPlaces } from '../regex-found.ts';
import { regexOperator } from '../regex-search.ts';
import { nullValue } from '../value.ts';

/** `$regexFind`: the first place where the expression is found, or null. */
export const regexFind = regexOperator('$regexFind', ({ input, regex }) => {
  if (input === undefined || regex === undefined) return nullValue;
  const found = regex.find(input, '$regexFind');
  return found === null ? nullValue : new FoundPlaces(regex).next(found);
});
