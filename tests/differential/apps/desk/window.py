from sqlalchemy.orm.exc import DetachedInstanceError

from .storage import File, Folder, Storage


class Window:
    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    def names(self) -> list[str]:
        return [folder.name for folder in self.storage.folders()]

    def counts(self) -> list[tuple[str, int]]:
        return [(folder.name, len(folder.files)) for folder in self.storage.folders()]

    def files_of(self, folder_id: int) -> list[str]:
        folder = self.storage.folder(folder_id)
        return [file.name for file in folder.files]

    def path(self, file_id: int) -> str:
        file = self.storage.file(file_id)
        return f"{file.folder.name}/{file.name}"

    def siblings(self, file_id: int) -> list[str]:
        file = self.storage.file(file_id)
        return [other.name for other in file.folder.files]

    def read(self, file_id: int) -> bytes:
        file = self.storage.file(file_id)
        return file.content

    def title(self, file_id: int) -> str:
        file = self.storage.file_of_unit(file_id)
        return file.name

    def new(self, name: str, folder_id: int) -> str:
        file = self.storage.create(name, folder_id)
        return f"{file.name} is new"

    def new_kept(self, name: str, folder_id: int) -> str:
        file = self.storage.create_kept(name, folder_id)
        return f"{file.name} is number {file.id}"

    def new_in(self, name: str, folder_id: int) -> str:
        file = self.storage.create_kept(name, folder_id)
        return f"{file.name} is in {file.folder.name}"

    def new_refreshed(self, name: str, folder_id: int) -> str:
        file = self.storage.create_refreshed(name, folder_id)
        return f"{file.name} has {file.size}"

    def rename(self, file_id: int, name: str) -> str:
        file = self.storage.file(file_id)
        file.name = name
        return self.storage.save(file).name

    def rename_kept(self, file_id: int, name: str) -> str:
        file = self.storage.file(file_id)
        file.name = name
        saved = self.storage.save_kept(file)
        return saved.name

    def copy(self, file_id: int) -> str:
        file = self.storage.copy(file_id)
        return file.name

    def guess(self, folder_id: int) -> int:
        folder = self.storage.folder(folder_id)
        try:
            return len(folder.files)
        except DetachedInstanceError:
            return -1
