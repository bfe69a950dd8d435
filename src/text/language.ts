/** The languages texts are indexed in. Manual: Text Search Languages on Self-Managed Deployments. */

const codes = {
  danish: 'da',
  dutch: 'nl',
  english: 'en',
  finnish: 'fi',
  french: 'fr',
  german: 'de',
  hungarian: 'hu',
  italian: 'it',
  norwegian: 'nb',
  portuguese: 'pt',
  romanian: 'ro',
  russian: 'ru',
  spanish: 'es',
  swedish: 'sv',
  turkish: 'tr',
} as const;

/** `none`: words as they are, without stems and stop words. */
export type Language = keyof typeof codes | 'none';

const byName: ReadonlyMap<string, Language> = new Map<string, Language>([
  ['none', 'none'],
  ...Object.entries(codes).flatMap(([name, code]): [string, Language][] => [
    [name, name as Language],
    [code, name as Language],
  ]),
]);

/** By its English name or its ISO 639-1 code, in any case; undefined for one that is not supported. */
export function languageOf(name: string): Language | undefined {
  return byName.get(name.toLowerCase());
}
