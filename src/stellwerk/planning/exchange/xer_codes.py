"""Activity codes and custom fields of an XER file."""

from __future__ import annotations

from collections.abc import Iterator

from stellwerk.planning.exchange.kept import Code, CodeType, CodeValue, FieldDefinition, Kept, Value
from stellwerk.planning.exchange.xer_people import People

_UDF_COLUMNS = ("udf_text", "udf_number", "udf_date", "udf_code_id")


class Codes(People):
    def _codes(self) -> dict[str, list[Code]]:
        found: dict[str, list[Code]] = {}
        for row in self._mine("TASKACTV"):
            kind, value = self._int(row, "actv_code_type_id"), self._int(row, "actv_code_id")
            if kind is not None and value is not None:
                found.setdefault(row.get("task_id"), []).append(Code(kind, value))
        return {task: sorted(pairs) for task, pairs in found.items()}

    def _code_types(self) -> Iterator[CodeType]:
        values: dict[str, list[CodeValue]] = {}
        for row in self.tables.rows("ACTVCODE"):
            uid = self._uid(row, "actv_code_id", "activity code")
            if uid is not None:
                modelled = ("actv_code_id", "parent_actv_code_id", "actv_code_type_id", "actv_code_name", "short_name")
                values.setdefault(row.get("actv_code_type_id"), []).append(
                    CodeValue(
                        uid,
                        row.get("short_name"),
                        description=row.get("actv_code_name"),
                        parent=self._int(row, "parent_actv_code_id"),
                        kept=self._kept(row, modelled),
                    )
                )
        for row in self.tables.rows("ACTVTYPE"):
            scope = row.get("actv_code_type_scope")
            if scope != "AS_EPS" and row.get("proj_id") not in {self.proj_id, ""}:
                continue
            known: tuple[str, ...] = ("actv_code_type_id", "actv_code_type", "actv_code_type_scope")
            if scope != "AS_EPS":  # there it is the node of the enterprise that the code belongs to
                known = (*known, "proj_id")
            uid = self._uid(row, "actv_code_type_id", "activity code type")
            if uid is not None:
                yield CodeType(
                    uid,
                    row.get("actv_code_type"),
                    values=tuple(values.get(row.get("actv_code_type_id"), ())),
                    scope=scope,
                    kept=self._kept(row, known),
                )

    def _custom_fields(self) -> tuple[tuple[FieldDefinition, ...], dict[tuple[str, str], list[Value]]]:
        definitions = {}
        for row in self.tables.rows("UDFTYPE"):
            modelled = ("udf_type_id", "table_name", "udf_type_name", "udf_type_label", "logical_data_type")
            definitions[row.get("udf_type_id")] = FieldDefinition(
                row.get("udf_type_id"),
                name=row.get("udf_type_name"),
                alias=row.get("udf_type_label"),
                entity=row.get("table_name"),
                kind=row.get("logical_data_type"),
                kept=self._kept(row, modelled),
            )
        values: dict[tuple[str, str], list[Value]] = {}
        for row in self._mine("UDFVALUE"):
            field = row.get("udf_type_id")
            definition = definitions.get(field)
            if definition is None:
                self.notes.warn("skipped_row", row.line, detail=f"UDFVALUE of unknown type {field}")
                continue
            column = next((name for name in _UDF_COLUMNS if row.get(name)), "udf_text")
            kept = () if column == "udf_text" else (Kept("column", column),)
            values.setdefault((definition.entity, row.get("fk_id")), []).append(Value(field, row.get(column), kept))
        return tuple(definitions.values()), values
