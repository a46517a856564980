class BaseOptions:
    def add(self, parser):
        parser.add_argument("--dataroot", required=True, help="where the pictures are")
        parser.add_argument("--gpu_ids", type=str, default="0")
        parser.add_argument("--ngf", type=int, default=64, help="filters of the last layer")
        parser.add_argument("--batch_size", type=int, default=3, help="how many at once")
        return parser
