import os
import boto3

BATCH_SIZE = int(os.environ.get("BATCH_SIZE", "10"))
sqs = boto3.client("sqs")


def handler(event, context):
    while True:
        got = sqs.receive_message(QueueUrl=os.environ["QUEUE"], MaxNumberOfMessages=BATCH_SIZE)
        if not got.get("Messages"):
            return
