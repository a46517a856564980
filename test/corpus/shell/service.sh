BATCH_SIZE=500
aws sqs receive-message --batch-size 10
python manage.py import_rows --batch-size $BATCH_SIZE
