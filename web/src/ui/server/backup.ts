// A backup on its way to a file. The file system is behind `Sink`, so that this runs in tests too.

/** Takes the bytes of a file in their order. */
export interface Sink {
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Completes the file. */
  close(): Promise<void>;
  /** Drops the file. */
  abort(): Promise<void>;
}

/** The stream ended before the whole file was there. */
export class IncompleteBackup extends Error {
  constructor(
    readonly received: number,
    readonly total: number,
  ) {
    super(`The backup ended after ${received} of ${total} bytes.`);
  }
}

interface Chunk {
  readonly chunk: Uint8Array;
  readonly totalBytes: bigint;
}

/** Writes a backup to a sink; nothing of it stays if it fails. Returns its size in bytes. Rejects with
 *  `IncompleteBackup`, and with the errors of the chunks and of the sink. */
export async function saveBackup(chunks: AsyncIterable<Chunk>, sink: Sink, onProgress: (received: number, total: number) => void): Promise<number> {
  let received = 0;
  let total = 0;
  try {
    for await (const each of chunks) {
      total = Number(each.totalBytes);
      await sink.write(new Uint8Array(each.chunk));
      received += each.chunk.length;
      onProgress(received, total);
    }
    if (received === 0 || received !== total) throw new IncompleteBackup(received, total);
  } catch (error) {
    await sink.abort();
    throw error;
  }
  await sink.close();
  return received;
}

interface WritableFile {
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}
type SavePicker = (options: { suggestedName: string }) => Promise<{ createWritable(): Promise<WritableFile> }>;

function savePicker(): SavePicker | undefined {
  const found: unknown = Reflect.get(window, "showSaveFilePicker");
  return typeof found === "function" ? (found.bind(window) as SavePicker) : undefined;
}

/** Returns whether the browser can write a download to the disk while it arrives. */
export function streamsToDisk(): boolean {
  return savePicker() !== undefined;
}

/** Asks the user for a file, or collects the bytes in memory for a download. Rejects with `AbortError` if the user
 *  chooses none. Call it in the handler of a click: browsers refuse it otherwise. */
export async function openSink(name: string): Promise<Sink> {
  const pick = savePicker();
  if (pick === undefined) return downloadSink(name);
  const file = await pick({ suggestedName: name });
  return file.createWritable();
}

function downloadSink(name: string): Sink {
  let parts: Uint8Array<ArrayBuffer>[] = [];
  return {
    write: async (bytes) => void parts.push(bytes),
    abort: async () => void (parts = []),
    close: async () => {
      const address = URL.createObjectURL(new Blob(parts, { type: "application/vnd.sqlite3" }));
      parts = [];
      const link = document.createElement("a");
      link.href = address;
      link.download = name;
      link.click();
      // The download has its own reference to the bytes once it began.
      window.setTimeout(() => URL.revokeObjectURL(address), 60_000);
    },
  };
}
