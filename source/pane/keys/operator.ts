/** The operator's own keys as the pane carries them: plain values that were checked when the configuration was read (see read.ts). */

export interface OperatorKeys {
  /** Action -> the keys that do it instead of the usual ones; none for an action that shall have no key. */
  readonly byAction: Readonly<Record<string, readonly string[]>>;
  /** Screen -> usual key -> what does it there now, for words that name a key. Only what differs. */
  readonly instead: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const USUAL_KEYS: OperatorKeys = { byAction: {}, instead: {} };

/** The keys that do it for this operator. */
export const keysOf = (
  { action, keys }: { readonly action: string; readonly keys: readonly string[] },
  { byAction }: OperatorKeys,
): readonly string[] => byAction[action] ?? keys;

const SHOWN: Readonly<Record<string, string>> = {
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  pageup: 'pgup',
  pagedown: 'pgdn',
};

/** A key as a person reads it. */
export const shownKey = (key: string): string => SHOWN[key] ?? key;

/** Names the key that does what `usual` does where nobody has changed it. */
export type Legend = (usual: string) => string;

/** Where nobody has changed anything. */
export const USUAL: Legend = shownKey;

export const legendOf =
  ({ instead }: OperatorKeys, screen: string): Legend =>
  (usual) =>
    shownKey(instead[screen]?.[usual] ?? usual);
