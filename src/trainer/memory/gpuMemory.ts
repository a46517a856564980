import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { withoutMargin, type MemoryMargin } from '../../config/memoryMargin';
import type { DeviceMemory } from '../../core/sweep/result';
import { nvidiaGpus } from './nvidiaGpu';
import { availableProcessBytes, processMemory } from './processMemory';

/** Kept free on a GPU, for the driver itself and for fragmentation. */
const defaultMargin: MemoryMargin = { fraction: 0.1 };

/** A GPU as WebGPU names it. */
interface GpuNames {
  readonly vendor: string;
  readonly device: string;
  readonly description: string;
}

interface GpuMemory {
  /** As it was when the device was opened; null where neither the driver nor the system reports it. */
  readonly info: DeviceMemory | null;
  /** Bytes free now, less the margin (null: a tenth); null where it is not known. */
  availableBytes(margin: MemoryMargin | null): number | null;
}

/**
 * The memory of the GPU that WebGPU opened, which WebGPU itself does not report: from nvidia-smi,
 * from the kernel's files for AMD, else from what the system lists. GPUs that share the machine's
 * memory, and those emulated in software, have what the process has.
 */
export async function gpuMemory(names: GpuNames, software: boolean): Promise<GpuMemory> {
  if (software || sharesMemory(names)) return ofProcess;
  const own = () => nvidiaMemory(names) ?? amdMemory(names);
  const first = own();
  if (first) {
    return {
      info: first,
      availableBytes: (margin) =>
        withoutMargin((own() ?? first).freeBytes, margin ?? defaultMargin),
    };
  }
  const listed = await listedMemory(names);
  if (listed === 'shared') return ofProcess;
  return {
    info: listed,
    availableBytes: (margin) => listed && withoutMargin(listed.freeBytes, margin ?? defaultMargin),
  };
}

const ofProcess: GpuMemory = {
  get info() {
    return processMemory();
  },
  availableBytes: availableProcessBytes,
};

/** Apple's GPUs have no memory of their own. */
function sharesMemory({ vendor }: GpuNames): boolean {
  return vendor.toLowerCase() === 'apple';
}

function nvidiaMemory({ vendor, device, description }: GpuNames): DeviceMemory | null {
  if (!/nvidia|10de/i.test(`${vendor} ${description}`)) return null;
  const gpus = nvidiaGpus();
  const named = gpus.find(({ name }) =>
    [device, description].some((text) => text !== '' && sameName(text, name)),
  );
  const gpu = named ?? gpus[0];
  return gpu ? { totalBytes: gpu.totalBytes, freeBytes: gpu.freeBytes } : null;
}

/** The amdgpu driver's files: https://docs.kernel.org/gpu/amdgpu/driver-misc.html */
function amdMemory({ vendor, description }: GpuNames): DeviceMemory | null {
  if (process.platform !== 'linux' || !/\bamd\b|radeon|1002/i.test(`${vendor} ${description}`)) {
    return null;
  }
  const folder = '/sys/class/drm';
  try {
    const cards = readdirSync(folder).filter((name) => /^card\d+$/.test(name));
    const found = cards.flatMap((card) => {
      const number = (name: string) =>
        Number(readFileSync(path.join(folder, card, 'device', name), 'utf8'));
      try {
        const totalBytes = number('mem_info_vram_total');
        return [{ totalBytes, freeBytes: totalBytes - number('mem_info_vram_used') }];
      } catch {
        // A card of another vendor.
        return [];
      }
    });
    // The largest is the one that "high-performance" asks for.
    return found.sort((a, b) => b.totalBytes - a.totalBytes)[0] ?? null;
  } catch {
    return null;
  }
}

/** What the system lists; where it does not report free memory, all of it counts as free. */
async function listedMemory(names: GpuNames): Promise<DeviceMemory | 'shared' | null> {
  try {
    const { graphics } = await import('systeminformation');
    const { controllers } = await graphics();
    const controller =
      controllers.find(({ model, vendor }) =>
        sameName(names.description || names.device, `${vendor} ${model}`),
      ) ?? (controllers.length === 1 ? controllers[0] : undefined);
    if (!controller) return null;
    if (controller.vramDynamic) return 'shared';
    const total = controller.memoryTotal ?? controller.vram;
    if (!total) return null;
    const totalBytes = total * 2 ** 20;
    const freeBytes = (controller.memoryFree ?? total) * 2 ** 20;
    return { totalBytes, freeBytes };
  } catch {
    return null;
  }
}

/** True when all words of the shorter name are in the longer one. */
function sameName(one: string, other: string): boolean {
  const words = [one, other].map((name) => new Set(name.toLowerCase().match(/[a-z0-9]+/g) ?? []));
  const [shorter, longer] = words.sort((a, b) => a.size - b.size);
  return shorter !== undefined && shorter.size > 0 && [...shorter].every((w) => longer?.has(w));
}
