from torch.utils.data import DataLoader

from ranking import Ranker, read_pages


def main():
    pages = read_pages("pages.jsonl")
    loader = DataLoader(pages, batch_size=36, num_workers=2)
    ranker = Ranker.load("ranker.pt")
    print(ranker.order(loader))


if __name__ == "__main__":
    main()
