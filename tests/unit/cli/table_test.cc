#include "cli/output/table.h"

#include <gtest/gtest.h>

namespace ararat::cli {
namespace {

TEST(Csv, NoCellIsAFormulaToASpreadsheet) {
    const Table table{{{"NAME"}, {"TEXT"}},
                      {{"=1+1", "+44 20"},
                       {"-2", "@SUM(A1)"},
                       {"-", "a=b"},
                       {"\t=1", "\r=1"},
                       {"=cmd|' /C calc'!A0", "say \"no\", twice"}}};
    EXPECT_EQ(render_csv(table),
              "NAME,TEXT\r\n"
              "'=1+1,'+44 20\r\n"
              "'-2,'@SUM(A1)\r\n"
              "-,a=b\r\n"
              "'\t=1,\"'\r=1\"\r\n"
              "'=cmd|' /C calc'!A0,\"say \"\"no\"\", twice\"\r\n");
}

TEST(Csv, ATitleThatLooksLikeAFormulaIsNone) { EXPECT_EQ(render_csv(Table{{{"=NAME"}}, {}}), "'=NAME\r\n"); }

}  // namespace
}  // namespace ararat::cli
