/** A fleet with work to review: a risky green run, a harmless one, and one that has landed unread. Not a fold of events. */
import { factsOf } from '../../../source/loop/review/facts.ts';
import { NO_READING } from '../../../source/loop/review/fold-reading.ts';
import { parseDiff } from '../../../source/loop/review/parse.ts';
import type { FleetState, RunState } from '../../../source/loop/state.ts';
import { fleet, gate, MINUTE, meter, NOW, nineRuns, pass, run } from '../fleet-fixture.ts';

const CART = `diff --git a/src/auth/session.ts b/src/auth/session.ts
index 1111111..2222222 100644
--- a/src/auth/session.ts
+++ b/src/auth/session.ts
@@ -1,9 +1,10 @@ import { clock } from './clock.ts';
 /** How long somebody stays signed in. */
 export class Session {
-  readonly limit = 30 * MINUTE;
+  readonly limit = 8 * HOUR; // as support asked
   isOver(now: number): boolean {
-    return now - this.begun > this.limit;
+    return now - this.begun >= this.limit && !this.kept;
   }
+  keep(): void { this.kept = true; }
 }
 
 export const fresh = (now: number) => new Session(now, "fresh");
@@ -40,6 +41,3 @@ function rotate(token: string): string {
   const next = random(32);
-  if (next === token) {
-    throw new Error('the random source repeats itself');
-  }
   store.put(next);
   return next;
diff --git a/test/auth/session.test.ts b/test/auth/session.test.ts
index 1111111..2222222 100644
--- a/test/auth/session.test.ts
+++ b/test/auth/session.test.ts
@@ -10,7 +10,5 @@ describe('session', () => {
-  it('ends after half an hour', () => {
+  it.skip('ends after half an hour', () => {
     const session = new Session(0);
-    assert.equal(session.isOver(31 * MINUTE), true);
-    assert.equal(session.isOver(29 * MINUTE), false);
   });
 });
 
diff --git a/package-lock.json b/package-lock.json
index 1111111..2222222 100644
--- a/package-lock.json
+++ b/package-lock.json
@@ -1,3 +1,4 @@
 {
+  "lockfileVersion": 3,
   "name": "shop"
 }
diff --git a/src/auth/random.ts b/src/auth/random.ts
new file mode 100644
index 0000000..2222222
--- /dev/null
+++ b/src/auth/random.ts
@@ -0,0 +1,5 @@
+export function check(next: string, token: string): void {
+  if (next === token) {
+    throw new Error('the random source repeats itself');
+  }
+}
`;

const GUIDE = `diff --git a/docs/guide.md b/docs/guide.md
index 1111111..2222222 100644
--- a/docs/guide.md
+++ b/docs/guide.md
@@ -1,3 +1,4 @@
 # Guide
 
-Use the flag.
+Use the flag \`--all\`.
+It is on by default.
`;

export const DIFFS: Readonly<Record<string, string>> = { 'ci-fix-20': CART, 'docs-2': GUIDE, 'queue-4': GUIDE };

export const green = (loop: string, number: number, diff: string, changes: Partial<RunState> = {}): RunState =>
  run(loop, number, {
    status: { tag: 'open', phase: 'review', hold: null },
    base: 'b'.repeat(40),
    commit: `${number}`.padStart(8, '9f8e7d6c'),
    review: factsOf(parseDiff(diff)),
    passes: [
      pass(1, '+xx'),
      {
        ...pass(2, '+++'),
        gates: ['types', 'lint', 'unit'].map((id, at) => ({ ...gate(id, 'green'), ms: 1200 * (at + 1) })),
      },
    ],
    pass: 2,
    meter: meter(64_000, 0.61),
    wall: { ms: 9 * MINUTE, since: null },
    lastEventAt: NOW - 42 * MINUTE,
    agent: null,
    ...changes,
  });

export function reviewFleet(changes: Partial<FleetState> = {}): FleetState {
  const risky = green('ci-fix', 20, CART, {
    findings: [
      {
        id: 'f1',
        where: 'src/auth/session.ts:4',
        what: 'eight hours is longer than the policy allows',
        kind: 'fixable',
      },
    ],
    rung: 1,
    model: 'opus',
  });
  const harmless = green('docs', 2, GUIDE);
  const others = nineRuns().filter(({ id }) => id !== 'docs-2');
  const landed = {
    run: 'queue-4' as RunState['id'],
    loop: 'queue',
    before: 'a'.repeat(40),
    commit: 'c'.repeat(40),
    at: NOW - 300 * MINUTE,
    noted: true,
    hunks: [{ ...factsOf(parseDiff(GUIDE)).hunks[0], id: 'e'.repeat(40), path: 'docs/queue.md', lines: 1240 }],
  };
  return fleet([...others, risky, harmless], { reading: { ...NO_READING, landed: { 'queue-4': landed } }, ...changes });
}
