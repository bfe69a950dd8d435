import { regexOperator } from '../regex-search.ts';
import { boolValue } from '../value.ts';

/** `$regexMatch`: whether the expression is found in the string. */
export const regexMatch = regexOperator('$regexMatch', ({ input, regex }) => {
  if (input === undefined || regex === undefined) return boolValue(false);
  return boolValue(regex.test(input, '$regexMatch'));
});
