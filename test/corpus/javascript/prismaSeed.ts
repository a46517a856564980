import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();
const BATCH_SIZE = 500;

export async function seed(rows: { email: string }[]) {
  for (let i = 0; i < rows.length; i += BATCH_SIZE) {
    await prisma.user.createMany({ data: rows.slice(i, i + BATCH_SIZE), skipDuplicates: true });
  }
}
