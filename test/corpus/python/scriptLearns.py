from torch.utils.data import DataLoader

from ranking import Ranker, read_pages, train_ranker


def main():
    pages = read_pages("pages.jsonl")
    loader = DataLoader(pages, batch_size=36, num_workers=2)
    train_ranker(Ranker(), loader)


if __name__ == "__main__":
    main()
