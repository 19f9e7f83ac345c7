/** `npm run schema`: writes loops/schema.json from the zod schema. A test fails while the file is stale. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jsonSchemaText } from './schema/json-schema.ts';

writeFileSync(fileURLToPath(new URL('../../../loops/schema.json', import.meta.url)), jsonSchemaText());
