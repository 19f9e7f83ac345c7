/** Files that a person need not read line by line: what a program writes from another file. They are shown, and no hunk of them is owed. */
import { matcher } from '../globs.ts';

const isLock = matcher([
  '**/{package-lock,npm-shrinkwrap}.json',
  '**/{yarn,Cargo,poetry,uv,pdm,Gemfile,composer,mix,flake,deno,bun,Pipfile,pubspec}.lock',
  '**/{pnpm-lock,shrinkwrap}.yaml',
  '**/bun.lockb',
  '**/go.sum',
  '**/gradle.lockfile',
]);
const isSnapshot = matcher(['**/__snapshots__/**', '**/*.snap', '**/*.snap.*', '**/*.approved.*']);
const isGenerated = matcher([
  '**/{dist,generated,__generated__,vendor,third_party}/**',
  '**/*.{min.js,min.css,map}',
  '**/*.{generated,gen}.*',
  '**/*_{generated,pb2,pb2_grpc}.*',
  '**/*.pb.{go,cc,h}',
]);

/** Why nobody owes the reading of a file, in a word; null when it is to be read. */
export function skipped(path: string): 'lockfile' | 'snapshot' | 'generated' | null {
  if (isLock(path)) return 'lockfile';
  if (isSnapshot(path)) return 'snapshot';
  return isGenerated(path) ? 'generated' : null;
}
