import type { NativeBinding } from '../../memory/nativeBackend';

/** So many numbers are kept on the device: those of one step of any optimizer, and then some. */
const most = 32;

/** Numbers as the addon's tensors, kept until many others were asked for since. */
export class Scalars {
  private readonly ids = new Map<number, number>();

  constructor(private readonly binding: NativeBinding) {}

  /** The id of a float32 scalar; it is not the caller's to delete. */
  id(value: number): number {
    const known = this.ids.get(value);
    const { binding, ids } = this;
    const id = known ?? binding.createTensor([], binding.TF_FLOAT, Float32Array.of(value));
    // Last in the map are those asked for last.
    ids.delete(value);
    ids.set(value, id);
    if (ids.size > most) {
      const [[oldest, oldId] = [value, id]] = ids;
      ids.delete(oldest);
      binding.deleteTensor(oldId);
    }
    return id;
  }
}
