/** `npm run readme`: writes the table of keys into README.md from the keymap. A test fails while it is stale. */
import { readFileSync, writeFileSync } from 'node:fs';
import { withKeys } from './readme.ts';

const file = new URL('../../../README.md', import.meta.url);

writeFileSync(file, withKeys(readFileSync(file, 'utf8')));
