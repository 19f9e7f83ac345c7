/** A program that borrows the terminal and leaves it in every way there is, one a key. Reports to the file in REPORT, a line an event. */
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { Box, Text, useWindowSize } from 'ink';
import { useState } from 'react';
import { type Key, mount, Surface, useKeys } from '../../../source/pane/compositor/index.ts';

const report = (line: string) => appendFileSync(process.env.REPORT ?? '/dev/null', `${line}\n`);

const ways: Record<string, () => void> = {
  q: () => mounted.unmount(),
  x: () => process.exit(3),
  t: () => {
    throw new Error('thrown');
  },
  r: () => void Promise.reject(new Error('rejected')),
  // More than a pipe and a pty can hold, again and again.
  f: () => {
    flood = true;
  },
  s: () => {
    void mounted
      .suspend(
        () =>
          new Promise<void>((resolve) => {
            const child = spawn(
              'sh',
              ['-c', 'trap "" INT; echo CHILD; read line; echo "child read $line" >>"$REPORT"'],
              { stdio: 'inherit' },
            );
            child.on('exit', () => resolve());
          }),
      )
      .then(() => report('resumed'));
  },
};

let flood = false;
let frame = 0;

function App() {
  const [last, setLast] = useState('');
  const { columns, rows } = useWindowSize();
  useKeys((key: Key) => {
    report(`key ${key.ctrl ? 'C-' : ''}${key.char || key.name}`);
    setLast(key.char);
    setTimeout(() => ways[key.char]?.());
  });
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Text>READY {process.pid}</Text>
      <Text>last {last}</Text>
      <Surface
        id="s"
        paint={(canvas) => {
          if (!flood) return;
          frame++;
          for (let y = 0; y < canvas.height; y++)
            canvas.text(0, y, `${frame}●`.repeat(80), { fg: frame % 2 ? 'red' : 'green' });
        }}
      />
    </Box>
  );
}

const mounted = mount(<App />, {
  stdin: process.stdin,
  stdout: process.stdout,
  colour: 16,
  onGone: (error) => report(`gone ${error.message}`),
});
report(`pid ${process.pid}`);

let lastTick = performance.now();
let gap = 0;
const ticks = setInterval(() => {
  const now = performance.now();
  gap = Math.max(gap, now - lastTick);
  lastTick = now;
  if (flood) {
    report(`gap ${Math.round(gap)} dropped ${mounted.compositor.stats.dropped}`);
    mounted.redraw();
  }
}, 10);

await mounted.waitUntilExit();
clearInterval(ticks);
report('left');
