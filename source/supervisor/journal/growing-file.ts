/** A file that only grows, by whole writes: one that fails leaves no byte of itself behind. */
import type { FileHandle } from 'node:fs/promises';
import { explain, JournalError } from './journal-error.ts';

export interface GrowingFile {
  /** Length in bytes of everything that was written whole. */
  readonly length: number;
  /**
   * Appends and, with `sync`, waits until the disk has it and all before it.
   * @throws JournalFull when there is no room; JournalError when the disk fails, and from then on
   */
  append(bytes: Buffer, options: { sync: boolean }): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Goes on at `length`, the present size of `file`, which is open for appending. `path` is for messages. */
export function growFile(file: FileHandle, path: string, length: number): GrowingFile {
  let good = length;
  let broken: JournalError | null = null;

  const sync = async (): Promise<void> => {
    if (broken !== null) throw broken;
    try {
      await file.datasync();
    } catch (error) {
      // After a failed sync the kernel may call the lost pages clean (fsyncgate, 2018): trying again proves nothing.
      const { message } = explain('sync', error);
      broken = new JournalError(`${path}: ${message}; the supervisor must start again`, { cause: error });
      throw broken;
    }
  };

  return {
    get length() {
      return good;
    },
    async append(bytes, options) {
      if (broken !== null) throw broken;
      try {
        await writeWhole(file, bytes);
      } catch (error) {
        try {
          await file.truncate(good);
        } catch (cause) {
          broken = new JournalError(`${path}: half a record was written and cannot be taken back`, { cause });
          throw broken;
        }
        throw explain(`write ${path}`, error);
      }
      if (options.sync) await sync();
      good += bytes.length;
    },
    sync,
    close: () => file.close(),
  };
}

/** A nearly full disk takes a part of the bytes and refuses the rest only when asked again. */
async function writeWhole(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done);
    done += bytesWritten;
  }
}
