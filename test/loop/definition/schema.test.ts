import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { jsonSchemaText } from '../../../source/loop/definition/schema/json-schema.ts';

test('loops/schema.json is what the zod schema says: run npm run schema', () => {
  assert.equal(readFileSync(new URL('../../../loops/schema.json', import.meta.url), 'utf8'), jsonSchemaText());
});

test('an editor can explain every key of the schema', () => {
  const silent: string[] = [];
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      const at = `${path}.${key}`;
      if (path.endsWith('.properties') && !('description' in Object(child)) && !('$ref' in Object(child)))
        silent.push(at);
      // The condition at the top has properties that are no keys of their own.
      if (at !== '.if') visit(child, at);
    }
  };
  visit(JSON.parse(jsonSchemaText()), '');
  assert.deepEqual(silent, []);
});
