' Makes a pivot table in LibreOffice as a person does by dragging columns, and writes it as CSV.
' PIVOT holds, divided by |: the file's URL, that of the result, the table, then what is dragged where:
' row=COLUMN, column=COLUMN, filter=COLUMN=VALUE, sum=COLUMN or median=COLUMN.
Function Named(title, value)
  Dim p As New com.sun.star.beans.PropertyValue
  p.Name = title
  p.Value = value
  Named = p
End Function
Sub Main
  On Error Goto Failed
  words = Split(Environ("PIVOT"), "|")
  If Right(words(0), 4) = ".csv" Then
    doc = StarDesktop.loadComponentFromURL(words(0), "_blank", 0, Array(Named("Hidden", True), Named("FilterName", "Text - txt - csv (StarCalc)"), Named("FilterOptions", "44,34,76,1,,1033,false,true,false")))
    sheet = doc.Sheets.getByIndex(0)
  Else
    doc = StarDesktop.loadComponentFromURL(words(0), "_blank", 0, Array(Named("Hidden", True)))
    sheet = doc.Sheets.getByName(words(2))
  End If
  ' Before the sheet's place is taken down, which it changes.
  doc.Sheets.insertNewByName("pivot", 1)
  used = sheet.createCursor()
  used.gotoEndOfUsedArea(False)
  last = used.RangeAddress
  source = sheet.getCellRangeByPosition(0, 0, last.EndColumn, last.EndRow)
  descriptor = sheet.DataPilotTables.createDataPilotDescriptor()
  descriptor.setSourceRange(source.RangeAddress)
  descriptor.ColumnGrand = False
  descriptor.RowGrand = False
  fields = descriptor.DataPilotFields
  For i = 3 To UBound(words)
    part = Split(words(i), "=")
    field = fields.getByName(part(1))
    Select Case part(0)
      Case "row"
        field.Orientation = com.sun.star.sheet.DataPilotFieldOrientation.ROW
      Case "column"
        field.Orientation = com.sun.star.sheet.DataPilotFieldOrientation.COLUMN
      Case "filter"
        field.Orientation = com.sun.star.sheet.DataPilotFieldOrientation.PAGE
        For k = 0 To field.Items.Count - 1
          field.Items.getByIndex(k).IsHidden = (field.Items.getByIndex(k).Name <> part(2))
        Next k
      Case "sum"
        field.Orientation = com.sun.star.sheet.DataPilotFieldOrientation.DATA
        field.Function2 = com.sun.star.sheet.GeneralFunction2.SUM
      Case "median"
        field.Orientation = com.sun.star.sheet.DataPilotFieldOrientation.DATA
        field.Function2 = com.sun.star.sheet.GeneralFunction2.MEDIAN
    End Select
  Next i
  target = doc.Sheets.getByName("pivot")
  target.DataPilotTables.insertNewByName("pivot", target.getCellByPosition(0, 0).CellAddress, descriptor)
  doc.storeToURL(words(1), Array(Named("FilterName", "Text - txt - csv (StarCalc)"), Named("FilterOptions", "44,34,76,1,,0,true,true,false,false,false,2")))
  doc.close(True)
  StarDesktop.terminate()
  Exit Sub
Failed:
  n = FreeFile()
  Open Environ("PIVOT_ERROR") For Output As #n
  Print #n, Error$ & " in line " & Erl
  Close #n
  StarDesktop.terminate()
End Sub
