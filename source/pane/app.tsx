/** The pane's tree: header, one screen, footer, and a dialog in front of them. It draws the store and hands keys on; it decides nothing. */
import { Box, Text, useWindowSize } from 'ink';
import { type ReactNode, useLayoutEffect } from 'react';
import { useKeys } from './compositor/index.ts';
import { Dialogs } from './dialogs/dialogs.tsx';
import { footerLine } from './footer.ts';
import { pressOf } from './keys/names.ts';
import { type Drawing, DrawingContext, Rows } from './parts/rows.tsx';
import { headerLine } from './present/header.ts';
import type { Press } from './press.ts';
import { FleetScreen } from './screens/fleet.tsx';
import { LoopScreen } from './screens/loop.tsx';
import { ReviewScreen } from './screens/review.tsx';
import { RulesScreen } from './screens/rules.tsx';
import { SpendScreen } from './screens/spend.tsx';
import { TriageScreen } from './screens/triage.tsx';
import type { PaneStore } from './store.ts';
import { StoreContext, usePane, usePaneStore } from './use-pane.ts';
import { isTooSmall } from './view.ts';

export interface AppProps {
  readonly store: PaneStore;
  readonly drawing: Drawing;
  readonly onPress: (press: Press) => void;
}

export function App({ store, drawing, onPress }: AppProps): ReactNode {
  return (
    <StoreContext value={store}>
      <DrawingContext value={drawing}>
        <Screen onPress={onPress} />
      </DrawingContext>
    </StoreContext>
  );
}

function Screen({ onPress }: Pick<AppProps, 'onPress'>): ReactNode {
  useKeys((key) => onPress(pressOf(key)));
  const store = usePaneStore();
  const { columns, rows } = useWindowSize();
  useLayoutEffect(() => store.setState({ columns, rows }), [store, columns, rows]);
  const tooSmall = usePane(isTooSmall);
  const screen = usePane((state) => state.view.screen);
  if (tooSmall) return <Text wrap="truncate">{'terminal too small'.slice(0, columns)}</Text>;
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      <Header />
      {screen === 'fleet' && <FleetScreen />}
      {screen === 'loop' && <LoopScreen />}
      {screen === 'triage' && <TriageScreen />}
      {screen === 'review' && <ReviewScreen />}
      {screen === 'rules' && <RulesScreen />}
      {screen === 'spend' && <SpendScreen />}
      <Footer />
      <Dialogs />
    </Box>
  );
}

function Header(): ReactNode {
  const columns = usePane((state) => state.columns);
  const header = usePane((state) => headerLine(state.fleet, state.status, state.now, state.columns));
  return <Rows rows={[header]} width={columns} />;
}

function Footer(): ReactNode {
  const columns = usePane((state) => state.columns);
  const footer = usePane(footerLine);
  return <Rows rows={[footer]} width={columns} />;
}
