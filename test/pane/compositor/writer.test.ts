import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { threadSink, unblockedSink, Writer } from '../../../source/pane/compositor/writer.ts';
import { until } from './screen.ts';

/** A FIFO that we hold both ends of, so that nobody else is needed to open it; nobody reads unless the test does. */
async function fifo(flags: number) {
  const folder = await mkdtemp(join(tmpdir(), 'looptop-writer-'));
  const path = join(folder, 'fifo');
  const made: ChildProcess = spawn('mkfifo', [path]);
  await new Promise((resolve) => made.on('exit', resolve));
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY | flags);
  let open = true;
  const buffer = Buffer.alloc(65_536);
  const read = () => {
    try {
      return buffer.toString('latin1', 0, readSync(reader, buffer));
    } catch {
      return '';
    }
  };
  return {
    writer,
    read,
    closeReader: () => {
      if (open) closeSync(reader);
      open = false;
    },
    async [Symbol.asyncDispose]() {
      if (open) closeSync(reader);
      closeSync(writer);
      await rm(folder, { recursive: true });
    },
  };
}

for (const [name, flags, sinkOf] of [
  ['without blocking', constants.O_NONBLOCK, unblockedSink],
  ['from a thread', 0, threadSink],
] as const) {
  test(`a reader that stops reading does not stop the event loop, and gets every frame that was taken whole: written ${name}`, async () => {
    await using pipe = await fifo(flags);
    const writer = new Writer(sinkOf(pipe.writer));
    const frame = `${'x'.repeat(29_999)}\n`;
    let sent = 0;
    let dropped = 0;
    // A write that blocked would never come back, as nobody reads: that the event loop turns is seen by its turning.
    for (; dropped < 100; await sleep(2)) {
      if (writer.busy) dropped++;
      else {
        writer.send(frame);
        sent++;
      }
      assert.ok(sent <= 4, `${sent} frames went into a pipe of 64 KiB that nobody reads`);
    }
    let received = '';
    await until(() => {
      received += pipe.read();
      return !writer.busy && received.length === sent * frame.length;
    });
    assert.equal(received, frame.repeat(sent));
    assert.equal(await writer.settled(0), true);
  });
}

test('a reader that has gone is reported once, and nothing is sent after', async () => {
  await using pipe = await fifo(constants.O_NONBLOCK);
  const writer = new Writer(unblockedSink(pipe.writer));
  const errors: Error[] = [];
  writer.onGone = (error) => errors.push(error);
  pipe.closeReader();
  writer.send('frame');
  writer.send('frame');
  assert.equal(errors.length, 1);
  assert.match(errors[0]?.message ?? '', /EPIPE/);
  assert.equal(writer.busy, false);
});

test('waiting for a frame that nobody takes ends at the limit', async () => {
  await using pipe = await fifo(constants.O_NONBLOCK);
  const writer = new Writer(unblockedSink(pipe.writer));
  writer.send('x'.repeat(200_000));
  const started = performance.now();
  assert.equal(await writer.settled(50), false);
  assert.ok(performance.now() - started < 500);
  const waiting = writer.settled(10_000);
  writer.close();
  assert.equal(await waiting, true);
});

test('a second frame while one is on its way is a mistake of the caller', async () => {
  await using pipe = await fifo(constants.O_NONBLOCK);
  const writer = new Writer(unblockedSink(pipe.writer));
  writer.send('x'.repeat(200_000));
  assert.throws(() => writer.send('y'), /still on its way/);
  writer.close();
});
