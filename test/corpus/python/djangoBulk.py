from django.core.management.base import BaseCommand
from shop.models import Product

BATCH_SIZE = 2000


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("--batch-size", type=int, default=500)

    def handle(self, *args, **options):
        batch_size = options["batch_size"]
        Product.objects.bulk_create([Product(name=str(i)) for i in range(9)], batch_size=BATCH_SIZE)
        Product.objects.bulk_update([], ["name"], batch_size=batch_size)
