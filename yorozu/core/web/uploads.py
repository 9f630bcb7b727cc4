"""Large uploads wait on the disk of the data: /tmp is often memory, and too small for them."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import temp
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler


class DataDiskUpload(TemporaryUploadedFile):
    """A file on its way in, in a folder beside those where it may be kept."""

    def __init__(
        self, name: str | None, content_type: str | None, charset: str | None, extra: Any
    ) -> None:
        folder = Path(settings.DATA_DIR) / "uploads"
        folder.mkdir(parents=True, exist_ok=True)
        # The folder of the parent class is a setting that must exist before the program starts.
        file = temp.NamedTemporaryFile(suffix=".upload", dir=folder)
        UploadedFile.__init__(self, file, name, content_type, 0, charset, extra)


class DataDiskUploadHandler(TemporaryFileUploadHandler):
    """Django's handler of large files with another folder."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = DataDiskUpload(
            self.file_name, self.content_type, self.charset, self.content_type_extra
        )
