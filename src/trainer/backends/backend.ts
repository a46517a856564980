import type { MemoryMargin } from '../../config/memoryMargin';
import type { Result } from '../../core/text/problem';
import type { BackendInfo, BackendName } from '../../core/sweep/result';
import type { MemoryMeter } from '../memory/memoryMeter';
import type { Workspace } from './nativePackage';

/** A backend that is loaded and tfjs's current one. */
export interface Device {
  readonly info: Omit<BackendInfo, 'skipped'>;
  readonly meter: MemoryMeter;
  /** Its kernels run on the thread that calls them, and on no other. */
  readonly computesOnCallingThread?: boolean;
  /**
   * Bytes that the device can still give to training, less a margin (null: the device's own
   * default); null where it is not known.
   */
  availableBytes(margin?: MemoryMargin | null): number | null;
}

/** One way to compute. `load` registers its kernels and makes it tfjs's current backend. */
export interface Backend {
  readonly name: BackendName;
  /**
   * Fails with the reason why this machine cannot use it. A workspace may bring its own engine.
   * With `acceptSoftware` false, a GPU that is emulated in software counts as missing.
   */
  load(workspace?: Workspace | null, acceptSoftware?: boolean): Promise<Result<Device>>;
}
