"""A program of its own: reads one Parquet file under a memory limit, writes it to stdout as Arrow.

Run by path with `python -I`, so that it imports pyarrow and nothing of ours; a crash in native code ends this
process and not ours. On a fault it writes one line `code: message` to stderr and ends with status 3.
"""

from __future__ import annotations

import os
import sys
from io import IOBase
from typing import NoReturn, cast

BATCH_ROWS = 1024
FAULT_STATUS = 3


def main(path: str, memory_bytes: int, row_group_bytes: int) -> None:
    """Copy the rows of the file at `path` to stdout."""
    if os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    try:
        with pq.ParquetFile(path, memory_map=False, pre_buffer=False) as file:
            _check(file, row_group_bytes)
            schema = pa.schema([pa.field(field.name, _storage(field.type)) for field in file.schema_arrow])
            with pa.ipc.new_stream(pa.PythonFile(cast("IOBase", sys.stdout.buffer)), schema) as stream:
                for batch in file.iter_batches(batch_size=BATCH_ROWS, use_threads=False):
                    columns = [getattr(column, "storage", column) for column in batch.columns]
                    stream.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
    except (MemoryError, pa.ArrowMemoryError):
        _fail("too_big", f"reading it needs more than {memory_bytes:,} bytes of memory")
    except BrokenPipeError:  # the reader has seen enough
        os._exit(0)
    except (pa.ArrowException, OSError) as error:
        _fail("truncated", f"damaged Parquet file: {error}")


def _check(file: object, row_group_bytes: int) -> None:
    names = file.schema_arrow.names  # type: ignore[attr-defined]
    if len(set(names)) != len(names):
        _fail("schema", "two columns have the same name")
    metadata = file.metadata  # type: ignore[attr-defined]
    for group in range(metadata.num_row_groups):
        size = metadata.row_group(group).total_byte_size
        if size > row_group_bytes:
            _fail("too_big", f"row group {group} of {size:,} bytes")


def _storage(kind: object) -> object:
    return getattr(kind, "storage_type", kind)


def _fail(code: str, message: str) -> NoReturn:
    sys.stderr.write(f"{code}: {' '.join(message.split())}\n")
    sys.stderr.flush()
    os._exit(FAULT_STATUS)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
