// Bundles the program into dist/: one file for the pane, the supervisor and every verb, and small programs that run beside it.

import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const programs = {
  looptop: 'source/cli.ts',
  'estimate-worker': 'source/agents/estimate-worker.ts',
  'acp-bridge': 'source/agents/bridge/acp-bridge.ts',
  'compare-worker': 'source/supervisor/gates/picture/compare-worker.ts',
  'scripted-agent': 'source/agents/scripted/scripted-agent.ts',
  'mcp-server': 'source/commands/mcp/mcp-server.ts',
  'codex-bridge': 'source/agents/bridge/codex-bridge.ts',
};
const entryPoints = Object.fromEntries(Object.entries(programs).filter(([, file]) => existsSync(file)));

await build({
  entryPoints,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22.12',
  outdir: 'dist',
  // tiktoken reads its .wasm beside its own files, and genai-prices is 2 MB that few need: both stay in node_modules. Ink's devtools are never used.
  external: ['tiktoken', '@pydantic/genai-prices'],
  alias: { 'react-devtools-core': './source/pane/no-devtools.js' },
  define: { 'process.env.NODE_ENV': '"production"' },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

// By the launcher, which finds a Node that can load the program.
writeFileSync('dist/looptop.1', execFileSync(process.execPath, ['source/launcher.js', 'manual']));
