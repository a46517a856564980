import { ethers } from 'ethers';

const SLOTS_PER_EPOCH = 32;
const epochs = 225;
const batchSize = 64;

export async function sync(provider: ethers.Provider) {
  for (let slot = 0; slot < epochs * SLOTS_PER_EPOCH; slot += batchSize) {
    await provider.send('getSlots', [slot, batchSize]);
  }
}
