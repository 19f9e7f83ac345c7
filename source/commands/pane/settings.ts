/** What the operator's configuration says of the pane: keys and theme, checked against what the pane has, and how it may call. */
import { join } from 'node:path';
import { ConfigError } from '../../loop/errors.ts';
import type { OperatorKeys } from '../../pane/keys/operator.ts';
import type { Theme } from '../../pane/theme.ts';
import { type Configuration, configurationFolder, readConfiguration } from '../../supervisor/memory/configuration.ts';

export interface PaneSettings extends Pick<Configuration, 'notify'> {
  readonly keys: OperatorKeys;
  readonly theme: Theme;
}

/** @throws ConfigError that lists every key, action, look and colour that does not exist, and every key given twice */
export async function readPaneSettings(): Promise<PaneSettings> {
  return paneSettings(await readConfiguration());
}

/** The same of a configuration that was read already. */
export async function paneSettings(
  configuration: Pick<Configuration, 'keys' | 'theme' | 'notify'>,
): Promise<PaneSettings> {
  const [{ readKeys }, { readTheme }] = await Promise.all([
    import('../../pane/settings/keys.ts'),
    import('../../pane/settings/theme.ts'),
  ]);
  const { keys, problems } = readKeys(configuration.keys);
  const read = readTheme(configuration.theme);
  const all = [...problems, ...read.problems];
  if (all.length === 0) return { keys, theme: read.theme, notify: configuration.notify };
  const file = join(configurationFolder(), 'config.json');
  throw new ConfigError(all.map((problem) => `${file}: ${problem}`).join('\n'));
}
