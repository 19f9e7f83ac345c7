import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from 'ink-testing-library';
import { DrawingContext, Rows } from '../../../source/pane/parts/rows.tsx';
import { span } from '../../../source/pane/present/span.ts';
import { DARK } from '../../../source/pane/theme.ts';

const rows = [[span('● '), span('ci-fix-12', 'strong')], [], [span('a line that is longer than its box')]];

test('rows keep their places, an empty one too, and are cut at their width', () => {
  const { lastFrame, unmount } = render(<Rows rows={rows} width={14} />);
  assert.equal(lastFrame(), ['● ci-fix-12', '', 'a line that i…'].join('\n'));
  unmount();
});

test('where only ASCII can be shown, glyphs are their twins', () => {
  const { lastFrame, unmount } = render(
    <DrawingContext value={{ ascii: true, theme: DARK, colours: 16 }}>
      <Rows rows={rows.slice(0, 1)} width={14} />
    </DrawingContext>,
  );
  assert.equal(lastFrame(), '* ci-fix-12');
  unmount();
});
