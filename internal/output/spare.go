package output

import (
	"context"
	"os"
	"path/filepath"
	"pressroom/internal/several"
)

// The spare is a stage that has done its work: its "tree" is alike to the output
// folder, its "seal" a record of that tree. A spare without a seal, or with a
// folder that is not as the seal says, has been left halfway or meddled with.

func (w *writing) spare() string { return w.Record + ".spare" }

const sealName = "seal"

// takeSpare moves the spare's tree into the stage and returns what it holds, or
// nil, and then there is no spare any more.
func (w *writing) takeSpare(ctx context.Context) *record {
	if w.Record == "" {
		return nil
	}
	seal := loadRecord(filepath.Join(w.spare(), sealName))
	if seal != nil && (seal.dir != w.dir || !w.intact(ctx, seal)) {
		seal = nil
	}
	if seal != nil && os.Rename(filepath.Join(w.spare(), "tree"), w.stage.site()) != nil {
		seal = nil
	}
	w.dropSpare()
	return seal
}

// dropSpare removes the spare, the seal first: what is left of it, should anything
// go wrong, is not taken for a spare.
func (w *writing) dropSpare() {
	if w.Record != "" {
		_ = os.Remove(filepath.Join(w.spare(), sealName))
		_ = removeAll(w.spare())
	}
}

// intact tells whether the folders of the spare are as they were left.
func (w *writing) intact(ctx context.Context, seal *record) bool {
	top, err := os.Open(filepath.Join(w.spare(), "tree"))
	if err != nil {
		return false
	}
	defer top.Close()
	err = several.Try(ctx, len(seal.folders), func(i int) error {
		f := &seal.folders[i]
		at, err := lstatIn(top, f.path)
		if err == nil && at != f.info {
			err = os.ErrInvalid
		}
		return err
	})
	return err == nil && len(seal.folders) > 0
}

// keepSpare brings the site that was swapped out level with the one that stands
// and keeps it for the next build. What goes wrong costs that build some time.
func (w *writing) keepSpare(ctx context.Context, want shape) {
	// Where files cannot be linked, a spare would be a copy and save nothing.
	if w.Record == "" || w.copied.Load() || removeAll(w.spare()) != nil || os.Rename(w.stage.path, w.spare()) != nil {
		return // the stage is removed with the old site in it
	}
	w.stage.path = ""
	w.step()
	err := os.RemoveAll(filepath.Join(w.spare(), "new"))
	if err == nil {
		err = w.sealSpare(ctx, want)
	}
	if err != nil {
		w.dropSpare()
	}
	w.stage.release()
}

func (w *writing) sealSpare(ctx context.Context, want shape) error {
	folders, err := w.reshape(ctx, filepath.Join(w.spare(), "tree"), w.standing(), want, w.linkFromSite)
	if err != nil {
		return err
	}
	w.step()
	seal, err := w.prepare(filepath.Join(w.spare(), sealName), w.ofTree(folders))
	if err != nil {
		return err
	}
	w.step()
	return seal.commit()
}
