/** Pushes the branch of green work and opens a pull request for it through gh, with the evidence in its body. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { evidence, requestTitle } from '../../../loop/landing/evidence.ts';
import type { RunId } from '../../../loop/units.ts';
import { type House, runFolder, runOf } from '../../house.ts';
import { gh, whyNoGh } from './gh.ts';
import { landingIn } from './landing-of.ts';
import { pushBranch } from './push.ts';

/** Why no request can be opened here, as far as can be seen before; null when one can. */
export async function whyNoRequest({ repository }: House, target: string, signal: AbortSignal): Promise<string | null> {
  if (!(await repository.landing.hasRemote(target)))
    return 'the repository has no remote to push to: git remote add origin URL';
  return whyNoGh(repository.root, signal);
}

/** Idempotent: a request that is open for the branch is the one. */
export async function landRequest(house: House, id: RunId, signal: AbortSignal): Promise<void> {
  const { ledger, repository } = house;
  const run = runOf(house, id);
  const landing = landingIn(run, 'moving');
  if (landing === null || run.commit === null) return;
  const { target, how } = landing;
  const refuse = async (why: string): Promise<void> => {
    await repository.landing.dropScratch(id);
    await ledger.record({ type: 'land-refused', run: id, why });
  };
  const body = join(runFolder(house, id), 'request.md');
  await mkdir(runFolder(house, id), { recursive: true, mode: 0o700 });
  await writeFile(body, evidence(ledger.state, run), { mode: 0o600 });
  const failed = await pushBranch(house, id);
  if (failed !== '') return refuse(`${run.branch} could not be pushed: ${failed}`);
  const known = await gh(
    repository.root,
    ['pr', 'list', '--state', 'open', '--json', 'url', '--limit', '1', `--head=${run.branch}`],
    signal,
  );
  if (signal.aborted) return;
  if ('failed' in known) return refuse(known.failed);
  const open = /"url"\s*:\s*"(https?:\/\/[^"\s]+)"/.exec(known.text)?.[1] ?? null;
  const { draft, labels } = run.definition.onSuccess.pr ?? { draft: true, labels: [] };
  const made =
    open === null
      ? await gh(
          repository.root,
          [
            ...['pr', 'create', ...(draft ? ['--draft'] : [])],
            ...[`--base=${target}`, `--head=${run.branch}`, `--title=${requestTitle(run)}`, `--body-file=${body}`],
            ...labels.map((label) => `--label=${label}`),
          ],
          signal,
        )
      : await gh(repository.root, ['pr', 'edit', open, `--body-file=${body}`], signal);
  if (signal.aborted) return;
  if ('failed' in made) return refuse(made.failed);
  const url = open ?? /https?:\/\/\S+/.exec(made.text)?.[0] ?? null;
  await repository.landing.dropScratch(id);
  const as = { how, target, commit: run.commit, url };
  await ledger.record({ type: 'run-ended', run: id, end: { kind: 'landed', as } });
}
