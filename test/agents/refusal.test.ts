/** What the words of an error say about the credential. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitedBy, statusIn } from '../../source/agents/refusal.ts';

const why = (words: string) => limitedBy(words)[0]?.why ?? null;

test('a refusal of the credential is told from an error of the request', () => {
  assert.equal(why('API error (status 529 <unknown status code>): mock: Overloaded'), 'overloaded');
  assert.equal(why('{ "message": "x", "http_status": 503 }'), 'overloaded');
  assert.equal(why('rate_limit_exceeded: mock: rate limited'), 'rate');
  assert.equal(why('Unauthorized (401) from http://127.0.0.1/v1'), 'login');
  assert.equal(why('status 429: You have reached your usage limit'), 'usage');
  assert.equal(why('API error (status 400 Bad Request): invalid_request_error'), null);
  assert.equal(why('API error (status 500 Internal Server Error)'), null);
  assert.equal(why('cannot read line 429 of (src)'), null);
});

test('the time to wait is taken from the words where they say it', () => {
  const wait = (words: string) => limitedBy(`status 429: ${words}`)[0]?.inMs;
  assert.equal(wait('retry after 12 seconds'), 12_000);
  assert.equal(wait('Please try again in 1.5 minutes.'), 90_000);
  assert.equal(wait('try again in 300ms'), 300);
  assert.equal(wait('resets in 2 hours'), 7_200_000);
  assert.equal(wait('slow down'), null);
});

test('a status is one of an error', () => {
  assert.equal(statusIn('HTTP 404'), 404);
  assert.equal(statusIn('code: -32603'), null);
  assert.equal(statusIn('status 200'), null);
});
