import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatDuration,
  formatTokens,
  formatUsd,
  parseDuration,
  parseTokens,
  parseUsd,
} from '../../source/loop/units.ts';

test('durations are read with their unit and refused without one', () => {
  assert.equal(parseDuration('90s'), 90_000);
  assert.equal(parseDuration('45m'), 2_700_000);
  assert.equal(parseDuration('1.5h'), 5_400_000);
  assert.equal(parseDuration('250ms'), 250);
  for (const bad of ['', '90', 'm', '-3s', '3 s', 'soon']) assert.equal(parseDuration(bad), null, bad);
});

test('token amounts are read with k and M', () => {
  assert.equal(parseTokens('400k'), 400_000);
  assert.equal(parseTokens('1.5M'), 1_500_000);
  assert.equal(parseTokens('25_000'), 25_000);
  for (const bad of ['', 'k', '-1', '4 k', '1e9']) assert.equal(parseTokens(bad), null, bad);
});

test('money is read with and without the sign', () => {
  assert.equal(parseUsd('$6.50'), 6.5);
  assert.equal(parseUsd('6'), 6);
  assert.equal(parseUsd('-6'), null);
});

test('figures are short enough for a column', () => {
  assert.deepEqual([0, 940, 3210, 9960, 212_410, 999_600, 1_500_000, 12_000_000].map(formatTokens), [
    '0',
    '940',
    '3.2k',
    '10k',
    '212k',
    '1M',
    '1.5M',
    '12M',
  ]);
  assert.deepEqual([850, 4000, 1_080_000, 3_900_000, 273_600_000].map(formatDuration), [
    '850ms',
    '4s',
    '18m',
    '1h05',
    '3d4h',
  ]);
  assert.deepEqual([0, 1.84, 0.0021].map(formatUsd), ['$0.00', '$1.84', '$0.0021']);
});
