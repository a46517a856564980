import { Kafka } from 'kafkajs';

const kafka = new Kafka({ brokers: ['localhost:9092'] });
const producer = kafka.producer({ batchSize: 16384, lingerMs: 5 } as never);

export const config = { batchSize: 100, batch: { size: 20 }, maxBatchSize: 50 };

export async function run() {
  const consumer = kafka.consumer({ groupId: 'g' });
  await consumer.run({ eachBatchAutoResolve: true, eachBatch: async ({ batch }) => producer.sendBatch({ topicMessages: [batch] as never }) });
}
